// Copies what the pages load from node_modules into ../vendor, named by version, with vendor.json:
// version, licence and SHA-384 of every file. Run: npm ci && node build.mjs

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const FILES = [
  ["bootstrap", "dist/css/bootstrap.min.css", "bootstrap-{version}.min.css"],
  ["htmx.org", "dist/htmx.min.js", "htmx-{version}.min.js"],
  // the build whose workers are files of their own (the policy allows no others); its styles are in app.css
  ["altcha", "dist/external/altcha.min.js", "altcha-{version}.min.js"],
  ["altcha", "dist/workers/pbkdf2.js", "altcha-{version}-pbkdf2.js"],
];

// A library of which only a part is used: source here, what it is bundled from, file of the result.
const BUNDLES = [["charts.mjs", "echarts", "echarts-{version}.min.js"]];

const modules = new URL("node_modules/", import.meta.url);
const vendor = new URL("../vendor/", import.meta.url);
const manifest = {};
const keep = ({ name, version, license }, target, text) => {
  const file = target.replace("{version}", version);
  writeFileSync(new URL(file, vendor), text);
  manifest[file] = { name, version, licence: license, sha384: createHash("sha384").update(text).digest("base64") };
};
const described = (name) => JSON.parse(readFileSync(new URL(`${name}/package.json`, modules), "utf8"));

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor);
for (const [name, source, target] of FILES) {
  // maps name the makers' machines and are of no use without the sources
  const text = readFileSync(new URL(`${name}/${source}`, modules), "utf8")
    .replace(/\n?\/[/*]# sourceMappingURL=\S+(?: \*\/)?\s*$/, "\n");
  keep(described(name), target, text);
}
for (const [source, name, target] of BUNDLES) {
  const { buildSync } = await import("esbuild");
  const { outputFiles } = buildSync({
    entryPoints: [source], bundle: true, minify: true, format: "iife", target: "es2020", write: false,
    legalComments: "none", banner: { js: `/*! ${name} ${described(name).version}, ${described(name).license} */` },
  });
  keep(described(name), target, outputFiles[0].text);
}
writeFileSync(new URL("vendor.json", vendor), `${JSON.stringify(manifest, null, 2)}\n`);
