// Draws every chart with Vega-Lite in the reader's colours, and again when these or the width change.

const { charts, themes } = JSON.parse(document.getElementById("charts-data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The theme for this page: its background and fonts, and a legend that fits the width. */
function configuration(width) {
  const theme = themes[dark.matches ? "dark" : "light"];
  const font = getComputedStyle(document.body).fontFamily;
  const legend = { ...theme.legend, columns: width < 480 ? 1 : theme.legend.columns };
  return { ...theme, background: "transparent", padding: 2, font, legend };
}

/** A chart's specification at a width, of everything; charts that belong together share it, or lie one below the other. */
function sized({ specification, aspect, height }, width) {
  const parts = specification.concat;
  if (!parts) {
    // A chart with a row for each of its settings has a height of its own.
    const isOpen = specification.height === undefined;
    const tall = aspect ? Math.round(width * aspect) : width < 480 ? Math.min(height, 260) : height;
    return {
      ...specification, width, height: isOpen ? tall : specification.height,
      autosize: { type: isOpen ? "fit" : "fit-x", contains: "padding" },
    };
  }
  const columns = Math.max(1, Math.min(parts.length, Math.floor(width / 300)));
  // Beside the data of each part is its axis.
  const room = Math.floor(width / columns) - 75;
  const size = { width: room, height: aspect ? Math.round(room * aspect) : 180 };
  return { ...specification, concat: parts.map((part) => ({ ...part, ...size })), columns };
}

async function draw(chart) {
  const place = document.getElementById(chart.id);
  const width = place.clientWidth;
  const { view } = await vegaEmbed(place, sized(chart, width), {
    mode: "vega-lite", actions: false, ast: true, renderer: "svg", defaultStyle: false,
    tooltip: { disableDefaultStyle: true }, config: configuration(width),
  });
  place.previous?.finalize();
  place.previous = place.view = view;
  place.drawnWidth = width;
}

async function drawAll() {
  for (const chart of charts) {
    try {
      await draw(chart);
    } catch (error) {
      const place = document.getElementById(chart.id);
      place.textContent = `This chart cannot be drawn: ${error.message}`;
      place.classList.add("missing");
      console.error(error);
    }
  }
  document.documentElement.dataset.charts = "drawn";
}

await drawAll();
dark.addEventListener("change", drawAll);

let waiting;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const isOther = (chart) => {
      const place = document.getElementById(chart.id);
      return place.clientWidth !== place.drawnWidth;
    };
    if (charts.some(isOther)) drawAll();
  }, 150);
});
