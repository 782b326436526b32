// Draws the figures of the work report above the tables that hold them; a browser without it has the tables.
"use strict";

(() => {
  const data = document.getElementById("chart-data");
  if (!data || !window.echarts) return;
  const style = getComputedStyle(document.documentElement);
  // the tokens themselves: what is drawn turns with the page, to dark and to paper (ECharts cannot brighten them: no emphasis)
  const ink = "var(--ink)", line = "var(--line)";
  const colours = ["var(--primary)", "var(--green)", "var(--amber)"];
  const letters = () => 0.75 * parseFloat(style.fontSize); // px, as large as the page's
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  for (const { id, kind, names, series, decimals } of JSON.parse(data.textContent)) {
    const place = document.getElementById(id);
    const isEmpty = series.every(({ values }) => values.every((value) => value === null)); // all hidden
    if (!place || isEmpty) continue;
    const isLine = kind === "line";
    const isUpright = isLine || kind === "column"; // names below, values upwards
    place.hidden = false;
    const words = (fontSize) => ({ type: "category", data: names, axisLabel: { color: ink, fontSize }, axisLine: { lineStyle: { color: line } }, inverse: !isUpright });
    const counts = (fontSize) => ({ type: "value", minInterval: 1, axisLabel: { color: ink, fontSize, hideOverlap: true }, splitLine: { lineStyle: { color: line } } });
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    const option = (fontSize) => ({
      animation: !still,
      aria: { enabled: true },
      color: colours,
      textStyle: { fontFamily: style.fontFamily, fontSize },
      tooltip: { renderMode: "richText", trigger: "axis" }, // drawn, not styled: the page allows no inline styles
      legend: series.length > 1 ? { textStyle: { color: ink, fontSize }, top: 0 } : undefined,
      grid: { left: 8, right: isUpright ? 24 : 2 * fontSize, top: series.length > 1 ? 3 * fontSize : 8, bottom: 8, containLabel: true },
      xAxis: isUpright ? words(fontSize) : counts(fontSize),
      yAxis: isUpright ? counts(fontSize) : words(fontSize),
      series: series.map(({ name, values }, place) => ({
        name, type: isLine ? "line" : "bar", data: values, barMaxWidth: 18, emphasis: { disabled: true }, symbol: ["circle", "rect"][place] ?? "triangle", symbolSize: 7,
        lineStyle: { type: place ? "dashed" : "solid" }, label: { show: !isUpright, position: "right", color: ink, fontSize, formatter: ({ value }) => (decimals ? value.toFixed(decimals) : value) },
      })),
    });
    const draw = () => chart.setOption(option(letters()));
    draw();
    new ResizeObserver(() => chart.resize()).observe(place);
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-large-text"] });
  }
})();
