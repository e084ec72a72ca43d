// Plays recorded episodes: the picture of each step, and the network's value of each action beside it.
//
// PlayedEpisode.json says what an episode's data are.

const { episodes, tones } = JSON.parse(document.getElementById("episodes-data").textContent);
const at = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");

// MARK: - An episode

/** All frames of an episode: lists of shapes, values, and what was rewarded before. */
function decoded(episode) {
  let shapes = [];
  const lists = episode.frames?.map(([start, end, ...middle]) =>
    shapes = [...shapes.slice(0, start), ...middle, ...shapes.slice(shapes.length - end)]);
  let values = episode.values[0]?.map(() => 0) ?? [];
  const all = episode.values.map((changes) => values = values.map((value, i) => value + (changes[i] ?? 0)));
  let total = 0;
  const totals = [0, ...episode.rewards.map((reward) => total += reward)];
  return { lists, totals, values: all.map((units) => units.map((value) => value * episode.valueUnit)) };
}

let shown = { network: null, start: null };
let episode, frames, index = 0;

/** The decimals of an episode's values, which differ less than they are large. */
let decimals = 2;
let [lowest, highest] = [0, 1];

function choose() {
  const chosen = (name) => document.querySelector(`input[name=${name}]:checked`)?.value;
  const [network, start] = [chosen("network"), chosen("start")];
  const found = episodes.find((each) => each.network === network && each.start === start);
  if (!found) return;
  shown = found;
  episode = found.episode;
  frames = found.decoded ??= decoded(episode);
  const values = frames.values.flat();
  [lowest, highest] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const size = Math.max(Math.abs(lowest), Math.abs(highest));
  decimals = size >= 100 ? 2 : size >= 1 ? 3 : 4;
  at("step").max = last();
  at("seed").textContent = episode.seed;
  makeRows();
  pause();
  show(0);
}

const last = () => frames.values.length - 1;

// MARK: - Text and bars

const number = (value, digits) => value.toFixed(digits).replace("-", "−").replace(/^−(0(\.0*)?)$/, "$1");
const plain = (value) => number(value, Number.isInteger(value) ? 0 : 2);

function makeRows() {
  at("actions").replaceChildren(...frames.values[0].map((_, action) => {
    const row = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("span");
    const value = document.createElement("data");
    name.textContent = shown.actions[action];
    bar.className = "bar";
    bar.append(document.createElement("i"));
    row.append(name, bar, value);
    return row;
  }));
}

function show(step) {
  index = Math.max(0, Math.min(step, last()));
  const taken = episode.actions[index];
  const mask = episode.masks?.[index];
  [...at("actions").children].forEach((row, action) => {
    const value = frames.values[index][action];
    row.className = action === taken ? "taken" : mask?.[action] === "0" ? "illegal" : "";
    row.querySelector("data").value = value.toFixed(5);
    row.querySelector("data").textContent = number(value, decimals);
    const share = highest > lowest ? (value - lowest) / (highest - lowest) : 0.5;
    row.querySelector("i").style.width = `${(100 * share).toFixed(2)}%`;
  });
  at("step").value = index;
  at("step").setAttribute("aria-valuetext", `step ${index} of ${last()}`);
  at("place").textContent = `step ${index} of ${last()}`;
  at("reward").textContent = index === 0 ? "–" : plain(episode.rewards[index - 1]);
  at("total").textContent = plain(frames.totals[index]);
  at("caption").textContent = index < last()
    ? `The network takes the action “${shown.actions[taken]}”.`
    : `${episode.terminated ? "The episode ended" : shown.end} after ${last()} steps: return ${plain(frames.totals[index])}.`;
  paint();
}

// MARK: - The picture

/** The least height of text, in CSS pixels. */
const leastText = 11;
/** The height of a capital letter as a share of the font's size. */
const capital = 0.72;
const images = new Map();

function image(base64) {
  if (!images.has(base64)) {
    const picture = new Image();
    picture.onload = paint;
    picture.src = `data:image/png;base64,${base64}`;
    images.set(base64, picture);
  }
  return images.get(base64);
}

function paint() {
  const canvas = at("picture");
  if (!episode?.size) {
    canvas.hidden = true;
    return;
  }
  canvas.hidden = false;
  const [width, height] = episode.size;
  const room = canvas.parentElement.clientWidth - 24;  // without the padding of .screen
  const shownWidth = Math.round(Math.min(room, Math.max(260, innerHeight * 0.55) * width / height));
  const shownHeight = Math.round(shownWidth * height / width);
  const pixels = devicePixelRatio;
  canvas.style.width = `${shownWidth}px`;
  canvas.style.height = `${shownHeight}px`;
  canvas.width = Math.round(shownWidth * pixels);
  canvas.height = Math.round(shownHeight * pixels);
  const context = canvas.getContext("2d");
  const scale = canvas.width / width;
  const tone = tones[dark.matches ? "dark" : "light"];
  context.lineCap = context.lineJoin = "round";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const draw = (shape) => paintShape(context, shape, scale, pixels, tone);
  episode.backdrop.forEach(draw);
  for (const i of frames.lists[index]) draw(episode.shapes[i]);
}

function paintShape(context, [kind, color, ...rest], scale, pixels, tone) {
  const numbers = rest.map((value) => typeof value === "number" ? value * scale : value);
  context.fillStyle = context.strokeStyle = tone[color] ?? tone[0];
  switch (kind) {
    case 0: {
      const [width, ...points] = numbers;
      context.lineWidth = Math.max(width, pixels);
      trace(context, points);
      context.stroke();
      break;
    }
    case 1:
      trace(context, numbers);
      context.closePath();
      context.fill();
      break;
    case 2:
      context.beginPath();
      context.arc(numbers[0], numbers[1], Math.max(numbers[2], pixels / 2), 0, 2 * Math.PI);
      context.fill();
      break;
    case 3: {
      const [x, y, height, text] = numbers;
      const size = Math.max(leastText * pixels, height / capital);
      context.font = `600 ${size}px ${getComputedStyle(document.body).fontFamily}`;
      context.fillText(text, x, y + size * capital / 2);
      break;
    }
    case 4:
      context.fillRect(...numbers);
      break;
    case 5: {
      const picture = image(color);
      if (picture.complete) context.drawImage(picture, ...numbers);
    }
  }
}

function trace(context, points) {
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
}

// MARK: - Time

let timer = null;
/** Steps of an episode a second at speed 1: an episode takes about eight seconds. */
const rate = () => Math.max(3, Math.min(30, last() / 8));

function pause() {
  cancelAnimationFrame(timer);
  timer = null;
  label();
}

function play() {
  if (index === last()) show(0);
  let before = performance.now();
  let due = 0;
  const advance = (now) => {
    due += (now - before) / 1000 * rate() * Number(at("speed").value);
    before = now;
    if (due >= 1) {
      show(index + Math.floor(due));
      due %= 1;
    }
    if (index === last()) return pause();
    timer = requestAnimationFrame(advance);
  };
  timer = requestAnimationFrame(advance);
  label();
}

function label() {
  const word = timer === null ? "Play" : "Pause";
  at("play").classList.toggle("playing", timer !== null);
  at("play").setAttribute("aria-label", word);
  at("play").querySelector("span").textContent = word;
}

const toggle = () => timer === null ? play() : pause();
const jump = (step) => { pause(); show(step); };

// MARK: - Controls

if (episodes.length > 0) {
  let isInView = false;
  new IntersectionObserver(([entry]) => isInView = entry.isIntersecting).observe(at("player"));
  const moves = {
    ArrowLeft: () => jump(index - 1), ArrowRight: () => jump(index + 1),
    Home: () => jump(0), End: () => jump(last()), " ": toggle,
  };
  addEventListener("keydown", (event) => {
    const kind = event.target.closest?.("input, select, button, summary, pre, .scroll");
    const isElsewhere = kind && kind !== at("step");
    const move = moves[event.key];
    if (!move || isElsewhere || !isInView || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
  });
  at("play").addEventListener("click", toggle);
  at("back").addEventListener("click", () => jump(index - 1));
  at("forth").addEventListener("click", () => jump(index + 1));
  at("step").addEventListener("input", () => jump(Number(at("step").value)));
  at("networks").addEventListener("change", choose);
  at("starts").addEventListener("change", choose);
  dark.addEventListener("change", paint);
  new ResizeObserver(paint).observe(at("picture").parentElement);
  choose();
}
