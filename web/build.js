// `node build.js` once; `--watch` keeps on. It checks nothing: see `npm run check`.
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = fileURLToPath(new URL("../src/linedesk/server/static/", import.meta.url));

/** @type {esbuild.BuildOptions} */
const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: "eof",
  outdir,
  charset: "utf8",
  logLevel: "warning",
};

/** @type {esbuild.BuildOptions[]} */
const targets = [
  { ...shared, entryPoints: { desk: "src/desk/main.js" }, format: "esm", target: "es2022" },
  { ...shared, entryPoints: { widget: "src/loader/main.js" }, format: "iife", target: "es2020" },
  { ...shared, entryPoints: { desk: "src/styles/desk.css" }, target: "chrome111" },
];

if (process.argv.includes("--watch")) {
  for (const target of targets) {
    const context = await esbuild.context({ ...target, logLevel: "info" });
    await context.watch();
  }
} else {
  await rm(outdir, { recursive: true, force: true });
  await Promise.all(targets.map((target) => esbuild.build(target)));
}
