// Draws the last of a ranking with their bands above the table that holds them; a browser without it has the table.
"use strict";

(() => {
  const data = document.getElementById("band-data"), place = document.getElementById("chart-bands");
  if (!data || !place || !window.echarts) return;
  const { names, low, high, own, words } = JSON.parse(data.textContent);
  const style = getComputedStyle(document.documentElement);
  // the tokens themselves: what is drawn turns with the page, to dark and to paper (ECharts cannot brighten them: no emphasis)
  const ink = "var(--ink)", line = "var(--line)";
  place.hidden = false;
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  const least = Math.min(...low) - 1;
  const option = (fontSize) => ({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true },
    textStyle: { fontFamily: style.fontFamily, fontSize },
    tooltip: {
      renderMode: "richText", trigger: "axis",
      formatter: ([{ dataIndex }]) => `${names[dataIndex]}\n${words.own} ${own[dataIndex]}\n${words.band} ${low[dataIndex]}—${high[dataIndex]}`,
    },
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", min: least, max: Math.max(...high) + 1, minInterval: 1, axisLabel: { color: ink, fontSize, hideOverlap: true }, splitLine: { lineStyle: { color: line } } },
    yAxis: { type: "category", data: names, inverse: true, axisLabel: { color: ink, fontSize, interval: 0 }, axisLine: { lineStyle: { color: line } } },
    series: [
      { type: "bar", stack: "band", data: low.map((value) => value - 0.5), silent: true, itemStyle: { opacity: 0 } }, // what lies before the band
      { name: words.band, type: "bar", stack: "band", data: high.map((value, at) => value - low[at] + 1), barMaxWidth: 10, emphasis: { disabled: true }, itemStyle: { color: "var(--primary)", opacity: 0.45 } },
      { name: words.own, type: "line", data: own, symbol: "circle", symbolSize: 8, emphasis: { disabled: true }, lineStyle: { opacity: 0 }, itemStyle: { color: ink } },
    ],
  });
  const draw = () => chart.setOption(option(0.75 * parseFloat(style.fontSize))); // px, as large as the page's
  draw();
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-large-text"] });
})();
