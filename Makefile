# `make demo` and `make test` set everything up first; later calls start at once.
# Options of a command go into ARGS, the demo's task into TASK:
# make demo TASK=reach ARGS="--seed 100007".

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS :=
TASK := pick_and_place

DATA := data
RUNS := runs/train

.PHONY: demo test lint evaluate bench faults fuzz soak train clean

demo: $(READY)
	@$(BIN)/vjepa2 demo --task $(TASK) $(ARGS)

test: lint
	@scripts/browser
	$(BIN)/python -m pytest $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

evaluate: $(READY)
	$(BIN)/vjepa2 evaluate --task reach --trials 50 --seed 100000 --json runs/reach.json $(ARGS)

bench: $(READY)
	$(BIN)/python benchmarks/planners.py --out docs/bench $(ARGS)

faults: $(READY)
	VJEPA2_FAULTS_PAGE=docs/faults.md $(BIN)/python -m pytest -m long tests/faults $(ARGS)

soak: $(READY)
	$(BIN)/python benchmarks/soak.py --minutes 30 --out docs/bench $(ARGS)

# What was interrupted goes on where it stopped; what is complete is not done again.
ON = $(if $(wildcard $(RUNS)/$(1)/checkpoints/last.pt),--resume)

fuzz: $(READY)
	VJEPA2_FUZZ_PAGE=docs/fuzz.md $(BIN)/python -m pytest -m long tests/fuzz $(ARGS)

train: $(READY)
	$(BIN)/vjepa2 collect --episodes 4000 --frames 20 --workers 2 --seed 1 --out $(DATA)/table
	$(BIN)/vjepa2 collect --episodes 2500 --frames 20 --workers 2 --seed 2 --motion fingers \
		--out $(DATA)/fingers
	$(BIN)/vjepa2 pretrain --config config/training/pretrain_sim_small.yaml \
		--data $(DATA)/table --out $(RUNS)/encoder $(call ON,encoder)
	$(BIN)/vjepa2 post-train --config config/training/post_train_sim_small.yaml \
		--data $(DATA)/table --encoder $(RUNS)/encoder/encoder.pt \
		--out $(RUNS)/short --set feature_folder=$(RUNS)/features $(call ON,short)
	$(BIN)/vjepa2 post-train --config config/training/post_train_sim_small_fingers.yaml \
		--data $(DATA) --encoder $(RUNS)/encoder/encoder.pt \
		--predictor $(RUNS)/short/world_model.safetensors \
		--out $(RUNS)/fingers --set feature_folder=$(RUNS)/features $(call ON,fingers)
	$(BIN)/vjepa2 post-train --config config/training/post_train_sim_small_pairs.yaml \
		--data $(DATA) --encoder $(RUNS)/encoder/encoder.pt \
		--predictor $(RUNS)/fingers/world_model.safetensors \
		--out $(RUNS)/pairs --set feature_folder=$(RUNS)/features $(call ON,pairs)
	$(BIN)/vjepa2 post-train --config config/training/post_train_sim_small_long.yaml \
		--data $(DATA) --encoder $(RUNS)/encoder/encoder.pt \
		--predictor $(RUNS)/pairs/world_model.safetensors \
		--out $(RUNS)/model --set feature_folder=$(RUNS)/features $(call ON,model)
	$(BIN)/vjepa2 train-decoder --config config/training/decoder_sim_small.yaml \
		--data $(DATA)/table --model $(RUNS)/model/world_model.safetensors \
		--out $(RUNS)/decoder $(call ON,decoder)

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.txt requirements-dev.txt requirements-ros.txt pyproject.toml \
		$(wildcard scripts/*) $(wildcard ros2_ws/src/vjepa2_msgs/*/*)
	@echo "setting up $(VENV); the first time takes a few minutes"
	@scripts/apt-packages
	@scripts/make-environment $(VENV)
	@touch $@
