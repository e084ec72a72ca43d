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

/** The specification at a size, of everything; concatenated charts share the width, or lie one below the other. */
function sized(specification, width, height) {
  const parts = specification.concat ?? specification.hconcat ?? specification.vconcat;
  if (!parts) {
    const { width: own, height: ownHeight, ...rest } = specification;
    return { ...rest, width, height, autosize: { type: "fit", contains: "padding" } };
  }
  const wanted = specification.vconcat ? 1 : specification.columns ?? parts.length;
  const columns = Math.max(1, Math.min(wanted, Math.floor(width / 280)));
  // Beside the plot of each part are its axis, and a legend that some have.
  const room = Math.floor(width / columns) - 110;
  const { hconcat, vconcat, concat, ...rest } = specification;
  const fitted = parts.map((part) => ({ ...part, width: room, height: height - 60 }));
  return { ...rest, concat: fitted, columns };
}

async function draw(chart) {
  const place = document.getElementById(chart.id);
  const width = place.clientWidth;
  const shape = sized(chart.specification, width, width < 480 ? Math.min(chart.height, 260) : chart.height);
  const { view } = await vegaEmbed(place, shape, {
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
