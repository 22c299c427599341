"""Task files: what is read, and what is refused in which words."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vjepa2_planner.goal_image import GoalImageError, read_goal_image, write_goal_image
from vjepa2_planner.task import SubGoal, Task, pursuit_seed, read_task
from vjepa2_planner.task_fields import TaskError, is_name

PAPER = {
    "name": "pick_and_place_cup",
    "sub_goals": [
        {"name": "grasp", "image": "grasp.png", "steps": 4},
        {"name": "move", "image": "move.png", "steps": 10, "energy_threshold": 0.2},
        {"name": "place", "image": "place.png", "steps": 4},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the three images of the paper's task, 8 x 6 px, and others."""
    for name in ("grasp", "move", "place"):
        write_goal_image(tmp_path / f"{name}.png", np.full((6, 8, 3), 90, np.uint8))
    write_goal_image(tmp_path / "small.png", np.zeros((2, 3, 3), np.uint8))
    (tmp_path / "broken.png").write_bytes((tmp_path / "grasp.png").read_bytes()[:40])
    Image.fromarray(np.zeros((6, 8), np.uint16)).save(tmp_path / "deep.png")
    return tmp_path


def _write(folder: Path, document: Any) -> Path:
    path = folder / "task.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return path


def _paper(**changes: Any) -> dict[str, Any]:
    return {**PAPER, **changes}


def _one(**changes: Any) -> dict[str, Any]:
    return _paper(sub_goals=[{"name": "grasp", "image": "grasp.png", "steps": 4, **changes}])


def test_the_task_of_the_paper(folder: Path) -> None:
    """Order, budgets, thresholds; images beside the file."""
    assert read_task(_write(folder, PAPER)) == Task(
        "pick_and_place_cup",
        (
            SubGoal("grasp", folder / "grasp.png", 4),
            SubGoal("move", folder / "move.png", 10, 0.2),
            SubGoal("place", folder / "place.png", 4),
        ),
        seed=0,
    )


def test_a_captured_goal_has_no_image(folder: Path) -> None:
    """A sub-goal without `image` stands for the captured goal of its name; the seed is read."""
    task = read_task(
        _write(folder, {"name": "t", "seed": 7, "sub_goals": [{"name": "a", "steps": 1}]})
    )
    assert task == Task("t", (SubGoal("a", None, 1),), seed=7)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("name: [", ("not valid YAML",)),
        ("!!python/object:os.system {}", ("not valid YAML",)),
        ("a: 2001-99-99", ("not valid YAML",)),
        ("", ("must be a mapping", "sub_goals")),
        ("- 1", ("must be a mapping",)),
        (_paper(sub_goal=[]), ("unknown key 'sub_goal'", "did you mean sub_goals?")),
        (_paper(qqq=1), ("unknown key 'qqq'", "valid are name, seed, sub_goals")),
        ({3: 4}, ("unknown key 3",)),
        (_paper(name=""), ("name must be 1 to 64 letters",)),
        (_paper(name="../x"), ("name must be", "'../x'")),
        (_paper(name="a\n"), ("name must be",)),
        (_paper(name=5), ("name must be",)),
        ({"sub_goals": PAPER["sub_goals"]}, ("name is missing",)),
        (_paper(seed=-1), ("seed", "whole number")),
        (_paper(seed=2**64), ("seed",)),
        (_paper(seed=True), ("seed",)),
        (_paper(sub_goals=[]), ("sub_goals must list at least one",)),
        ({"name": "t"}, ("sub_goals must list at least one",)),
        (_paper(sub_goals="grasp"), ("sub_goals must list",)),
        (_paper(sub_goals=["grasp"]), ("sub-goal 1 must be a mapping",)),
        (_one(step=4), ("sub-goal 1", "unknown key 'step'", "did you mean steps?")),
        (_one(name="a/b"), ("sub-goal 1", "name must be")),
        (_one(steps=0), ("sub-goal 1 (grasp)", "steps", "from 1 to 1000", "not 0")),
        (_one(steps=-4), ("steps", "not -4")),
        (_one(steps=4.0), ("steps", "not 4.0")),
        (_one(steps=True), ("steps", "not True")),
        (_one(steps="4"), ("steps", "not '4'")),
        (_one(steps=1001), ("steps", "not 1001")),
        (_paper(sub_goals=[{"name": "grasp"}]), ("sub-goal 1 (grasp)", "steps is missing")),
        (_one(energy_threshold=-0.1), ("energy_threshold", "at least 0")),
        (_one(energy_threshold=float("nan")), ("energy_threshold",)),
        (_one(energy_threshold="low"), ("energy_threshold", "'low'")),
        (_one(image=""), ("image must be the path",)),
        (_one(image=["a"]), ("image must be the path",)),
        (_one(image="absent.png"), ("sub-goal 1 (grasp)", "absent.png is not there")),
        (_one(image="broken.png"), ("broken.png cannot be read",)),
        (_one(image="task.yaml"), ("task.yaml cannot be read",)),
        (_one(image="deep.png"), ("deep.png has pixels of kind", "8 bits")),
        (
            _paper(sub_goals=[*PAPER["sub_goals"], {"name": "move", "steps": 1}]),
            ("sub-goals 2 and 4", "same name move"),
        ),
        (
            _paper(
                sub_goals=[*PAPER["sub_goals"], {"name": "x", "image": "small.png", "steps": 1}]
            ),
            ("sub-goal 4 (x)", "3 x 2 px", "grasp is 8 x 6 px"),
        ),
    ],
)
def test_what_is_refused(folder: Path, document: Any, words: tuple[str, ...]) -> None:
    """One sentence with the file, the place and the remedy."""
    path = _write(folder, document)
    with pytest.raises(TaskError) as refused:
        read_task(path)
    message = str(refused.value)
    assert "\n" not in message
    for word in (str(path), *words):
        assert word in message


def test_the_example() -> None:
    """The task file that comes with the stack has the paper's budgets."""
    path = Path(__file__).parents[2] / "config" / "tasks" / "pick_and_place_cup.yaml"
    assert [sub_goal.steps for sub_goal in read_task(path).sub_goals] == [4, 10, 4]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Neither a missing file nor a folder is taken for one."""
    with pytest.raises(TaskError, match=r"absent\.yaml is not there"):
        read_task(tmp_path / "absent.yaml")
    with pytest.raises(TaskError, match="cannot be read"):
        read_task(tmp_path)


KEYS = st.sampled_from(["name", "seed", "sub_goals", "image", "steps", "energy_threshold"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["grasp", "grasp.png", "small.png", ".", "..", 4])
    | st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(KEYS | st.text(max_size=5), values, max_size=5)
    ),
    max_leaves=12,
)
NEARLY = st.fixed_dictionaries(
    {"name": st.just("t") | VALUES},
    optional={
        "seed": VALUES,
        "sub_goals": VALUES
        | st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from(["a", "b", "c"]), "steps": st.integers(-1, 5) | VALUES},
                optional={"image": VALUES, "energy_threshold": VALUES},
            ),
            max_size=3,
        ),
    },
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that many examples may write to."""
    folder = tmp_path_factory.mktemp("tasks")
    write_goal_image(folder / "grasp.png", np.zeros((6, 8, 3), np.uint8))
    write_goal_image(folder / "small.png", np.zeros((2, 3, 3), np.uint8))
    return folder


@given(document=NEARLY | VALUES)
def test_any_document_is_read_or_refused(shared: Path, document: Any) -> None:
    """Never another error than TaskError; what is read keeps to the rules."""
    path = _write(shared, document)
    try:
        task = read_task(path)
    except TaskError as error:
        assert str(path) in str(error)
        return
    assert is_name(task.name) and task.sub_goals
    assert all(1 <= s.steps <= 1000 and s.energy_threshold >= 0 for s in task.sub_goals)
    assert len({s.name for s in task.sub_goals}) == len(task.sub_goals)


@given(content=st.binary(max_size=60) | st.text("{}[]:,-&*!|>'\"#%@ \nab1.", max_size=40))
def test_any_bytes_are_read_or_refused(shared: Path, content: bytes | str) -> None:
    """The same for what is not made by a YAML writer."""
    path = shared / "task.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TaskError):
        read_task(path)


def test_deep_nests_and_huge_numbers(shared: Path) -> None:
    """What breaks readers is refused like all else."""
    for text in ("[" * 5000, "name: " + "9" * 6000, "a: &a [*a]"):
        with pytest.raises(TaskError):
            read_task(_write(shared, text))


def test_an_image_is_the_same_after_storing(tmp_path: Path) -> None:
    """PNG loses nothing; a store of the same name replaces; nothing unfinished stays."""
    rng = np.random.default_rng(0)
    for _ in range(2):
        image = rng.integers(0, 256, (5, 7, 3), np.uint8)
        write_goal_image(tmp_path / "a.png", image)
        assert np.array_equal(read_goal_image(tmp_path / "a.png"), image)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_images_of_other_kinds_become_rgb(tmp_path: Path) -> None:
    """Grey, transparent and turned images are read as they look."""
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    assert np.array_equal(read_goal_image(tmp_path / "grey.png")[..., 1], grey)
    Image.fromarray(np.full((3, 4, 4), 7, np.uint8)).save(tmp_path / "alpha.png")
    assert read_goal_image(tmp_path / "alpha.png").shape == (3, 4, 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.fromarray(grey).save(tmp_path / "turned.png", exif=exif)
    assert read_goal_image(tmp_path / "turned.png").shape == (4, 3, 3)
    with pytest.raises(GoalImageError, match="is not there"):
        read_goal_image(tmp_path / "absent.png")


def test_seeds_of_pursuits_differ() -> None:
    """Each sub-goal, each continuation and each task has its own, the same every time."""
    seeds = [pursuit_seed(t, g, r) for t in range(4) for g in range(4) for r in range(4)]
    assert len(set(seeds)) == 64
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert pursuit_seed(1, 2, 3) == pursuit_seed(1, 2, 3)


def test_no_end_of_reading_and_of_telling(tmp_path: Path) -> None:
    """A device has no end; what aliases fold up has none when it is written out."""
    with pytest.raises(TaskError, match="it is no file"):
        read_task("/dev/zero")
    folds = ", ".join(f"&l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12))
    with pytest.raises(TaskError, match="name must be") as refused:
        read_task(_write(tmp_path, f"name: [&l0 [1], {folds}]\nsub_goals: []"))
    assert len(str(refused.value)) < 500
