// Copies what the pages load from node_modules into ../vendor, named by version, with vendor.json:
// version, licence and SHA-384 of every file. Run: npm ci && node build.mjs

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const FILES = [
  ["bootstrap", "dist/css/bootstrap.min.css", "bootstrap-{version}.min.css"],
  ["htmx.org", "dist/htmx.min.js", "htmx-{version}.min.js"],
];

const modules = new URL("node_modules/", import.meta.url);
const vendor = new URL("../vendor/", import.meta.url);
const manifest = {};

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor);
for (const [name, source, target] of FILES) {
  const { version, license } = JSON.parse(readFileSync(new URL(`${name}/package.json`, modules), "utf8"));
  // maps name the makers' machines and are of no use without the sources
  const text = readFileSync(new URL(`${name}/${source}`, modules), "utf8")
    .replace(/\n?\/[/*]# sourceMappingURL=\S+(?: \*\/)?\s*$/, "\n");
  const file = target.replace("{version}", version);
  writeFileSync(new URL(file, vendor), text);
  manifest[file] = { name, version, licence: license, sha384: createHash("sha384").update(text).digest("base64") };
}
writeFileSync(new URL("vendor.json", vendor), `${JSON.stringify(manifest, null, 2)}\n`);
