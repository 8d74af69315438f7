// Joins the modules of each component into one script: `npm run bundle`. With --check nothing is
// written, and the exit code says whether the committed bundles are those of the sources.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = "ui/assets/bundles";

// One for each component; a bundle has the name of its entry.
const ENTRIES = [
  "ui/components/code_listing/code_listing.js",
  "ui/components/copy_field.js",
  "ui/components/custom_element.js",
  "ui/components/draw_pad/draw_pad.js",
  "ui/components/network_view/network_view.js",
  "ui/components/pacer.js",
  "ui/links/address_bar.js",
  "ui/live/timeline.js",
];

async function bundled(entry) {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    loader: { ".css": "text" },
    logLevel: "warning",
    // Streamlit takes a text of one line for the path of a file.
    banner: { js: `// Bundled from ${entry} by npm run bundle. Edit the sources instead.` },
  });
  return outputFiles[0].text;
}

const isCheck = process.argv.includes("--check");
const stale = [];
for (const entry of ENTRIES) {
  const path = join(FOLDER, basename(entry));
  const text = await bundled(entry);
  const isCurrent = existsSync(join(ROOT, path)) && readFileSync(join(ROOT, path), "utf8") === text;
  if (isCurrent) continue;
  stale.push(path);
  if (!isCheck) writeFileSync(join(ROOT, path), text);
}
const names = ENTRIES.map((entry) => basename(entry));
const strangers = readdirSync(join(ROOT, FOLDER)).filter((name) => !names.includes(name));

if (strangers.length) console.error(`No source for ${strangers.join(", ")} in ${FOLDER}.`);
if (isCheck && stale.length) console.error(`Run npm run bundle: ${stale.join(", ")} are not current.`);
if (!isCheck && stale.length) console.log(`Written: ${stale.join(", ")}`);
process.exitCode = strangers.length || (isCheck && stale.length) ? 1 : 0;
