// Draws the last of a ranking with their bands above the table that holds them; a browser without it has the table.
"use strict";

(() => {
  const data = document.getElementById("band-data"), place = document.getElementById("chart-bands");
  if (!data || !place || !window.echarts) return;
  const { names, low, high, own, words } = JSON.parse(data.textContent);
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const ink = token("--ink"), line = token("--line");
  place.hidden = false;
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  const least = Math.min(...low) - 1;
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true },
    textStyle: { fontFamily: style.fontFamily },
    tooltip: {
      renderMode: "richText", trigger: "axis",
      formatter: ([{ dataIndex }]) => `${names[dataIndex]}\n${words.own} ${own[dataIndex]}\n${words.band} ${low[dataIndex]}—${high[dataIndex]}`,
    },
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", min: least, max: Math.max(...high), minInterval: 1, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } },
    yAxis: { type: "category", data: names, inverse: true, axisLabel: { color: ink, interval: 0 }, axisLine: { lineStyle: { color: line } } },
    series: [
      { type: "bar", stack: "band", data: low.map((value) => value - 1), silent: true, itemStyle: { opacity: 0 } }, // what lies before the band
      { name: words.band, type: "bar", stack: "band", data: high.map((value, at) => value - low[at] + 1), barMaxWidth: 10, itemStyle: { color: token("--primary"), opacity: 0.45 } },
      { name: words.own, type: "line", data: own, symbol: "circle", symbolSize: 8, lineStyle: { opacity: 0 }, itemStyle: { color: ink } },
    ],
  });
  new ResizeObserver(() => chart.resize()).observe(place);
})();
