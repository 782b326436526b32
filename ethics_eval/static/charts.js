// Draws the figures of the work report above the tables that hold them; a browser without it has the tables.
"use strict";

(() => {
  const data = document.getElementById("chart-data");
  if (!data || !window.echarts) return;
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const ink = token("--ink"), line = token("--line");
  const colours = [token("--primary"), token("--green"), token("--amber")];
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  for (const { id, kind, names, series, decimals } of JSON.parse(data.textContent)) {
    const place = document.getElementById(id);
    const isEmpty = series.every(({ values }) => values.every((value) => value === null)); // all hidden
    if (!place || isEmpty) continue;
    const isLine = kind === "line";
    const isUpright = isLine || kind === "column"; // names below, values upwards
    place.hidden = false;
    const words = { type: "category", data: names, axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } }, inverse: !isUpright };
    const counts = { type: "value", minInterval: 1, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } };
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      animation: !still,
      aria: { enabled: true },
      color: colours,
      textStyle: { fontFamily: style.fontFamily },
      tooltip: { renderMode: "richText", trigger: "axis" }, // drawn, not styled: the page allows no inline styles
      legend: series.length > 1 ? { textStyle: { color: ink }, top: 0 } : undefined,
      grid: { left: 8, right: 24, top: series.length > 1 ? 36 : 8, bottom: 8, containLabel: true },
      xAxis: isUpright ? words : counts,
      yAxis: isUpright ? counts : words,
      series: series.map(({ name, values }, place) => ({
        name, type: isLine ? "line" : "bar", data: values, barMaxWidth: 18, symbol: ["circle", "rect"][place] ?? "triangle", symbolSize: 7,
        lineStyle: { type: place ? "dashed" : "solid" }, label: { show: !isUpright, position: "right", color: ink, formatter: ({ value }) => (decimals ? value.toFixed(decimals) : value) },
      })),
    });
    new ResizeObserver(() => chart.resize()).observe(place);
  }
})();
