"use strict";

// The token stands behind the # of the address: the browser keeps it to itself.
const token = location.hash.slice(1);
const element = (id) => document.getElementById(id);
const shown = {};

function say(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

function showPictures(counts) {
  for (const [name, count] of Object.entries(counts)) {
    const image = element(name);
    // One at a time: a slow link gets fewer pictures, not later ones.
    if (shown[name] === count || image.dataset.loading) continue;
    shown[name] = count;
    image.dataset.loading = "yes";
    image.onload = image.onerror = () => delete image.dataset.loading;
    image.src = `picture/${name}?${count}`;
  }
}

function showTask(task, robot, camera) {
  say("state", `${task.state}${robot.dry_run ? " (dry run)" : ""}, arm ${robot.mode}`);
  const where = task.state === "IDLE" ? "" :
    `${task.name}: goal ${task.goal_number} of ${task.goals} (${task.goal}), ` +
    `step ${task.step} of ${task.budget}. `;
  const last = task.code === "OK" ? "" : `${task.code}: `;
  say("task", `${where}${last}${task.message} ${robot.message} ${camera}`.trim());
}

function showFaults(faults) {
  const lines = faults.map((fault) => {
    const line = document.createElement("li");
    line.className = fault.level;
    line.textContent = `${fault.who}: ${fault.what}`;
    return line;
  });
  element("faults").replaceChildren(...lines);
}

function drawCurve(energies) {
  const canvas = element("curve"), pen = canvas.getContext("2d"), edge = 24;
  const known = energies.filter((energy) => energy !== null);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  say("energy", known.length ? known[known.length - 1].toFixed(4) : "");
  if (!known.length) return;
  const top = Math.max(...known), steps = Math.max(energies.length - 1, 1);
  const x = (step) => edge + step * (canvas.width - 2 * edge) / steps;
  const y = (energy) => canvas.height - edge - energy / top * (canvas.height - 2 * edge);
  pen.strokeStyle = pen.fillStyle = "#2a7ab0";
  pen.lineWidth = 2;
  pen.beginPath();
  energies.forEach((energy, step) => {
    if (energy === null) return;
    pen.lineTo(x(step), y(energy));
    pen.fillRect(x(step) - 3, y(energy) - 3, 6, 6);
  });
  pen.stroke();
  pen.fillStyle = "GrayText";
  pen.fillText(top.toFixed(3), 2, edge - 8);
  pen.fillText("0", 2, canvas.height - edge + 4);
}

function drawLandscape(landscape) {
  const canvas = element("landscape"), pen = canvas.getContext("2d"), size = canvas.width;
  pen.clearRect(0, 0, size, size);
  if (!landscape) return;
  const { offsets, energies, action } = landscape, cells = offsets.length, cell = size / cells;
  const known = energies.flat().filter((energy) => energy !== null);
  const low = Math.min(...known), span = Math.max(...known) - low || 1;
  energies.forEach((row, x) => row.forEach((energy, y) => {
    if (energy === null) return;
    const high = (energy - low) / span;
    pen.fillStyle = `hsl(${220 + 140 * high}, 70%, ${25 + 45 * high}%)`;
    pen.fillRect((cells - 1 - y) * cell, (cells - 1 - x) * cell, cell + 1, cell + 1);
  }));
  const reach = offsets[cells - 1], place = (offset) =>
    size / 2 - offset / reach * (size - cell) / 2;
  pen.strokeStyle = "white";
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(place(action[1]), place(action[0]), 8, 0, 2 * Math.PI);
  pen.stroke();
}

async function command(name) {
  say("answer", `${name} …`);
  try {
    const response = await fetch(`command/${name}`, {
      method: "POST", headers: { "X-Dashboard-Token": token },
    });
    const answer = await response.json();
    say("answer", `${name}: ${answer.code} ${answer.message}`);
  } catch (error) {
    say("answer", `${name}: no answer (${error})`);
  }
}

for (const name of ["pause", "resume", "stop"]) {
  element(name).addEventListener("click", () => command(name));
  element(name).disabled = !token;
}
if (!token) say("answer", "To look only: commands need the whole address that was printed.");

const events = new EventSource("events");
events.onmessage = (event) => {
  const news = JSON.parse(event.data);
  showPictures(news.pictures);
  showTask(news.task, news.robot, news.camera);
  showFaults(news.faults);
  drawCurve(news.energies);
  drawLandscape(news.imagined.landscape);
  say("why", news.imagined.why);
  element("imagined").hidden = news.imagined.why !== "";
};
events.onerror = () => say("state", "not connected");
