import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import type { Consumer } from "./consumer.ts";

/** The Node of each supported line, as npm has it for this machine. */
const NODES = [22, 24].map((major) => ({
  alias: `node-${major}`,
  wanted: `node-${major}@npm:node-${process.platform}-${process.arch}@${major}`,
}));

/** The first version of each range; npm refuses one that does not exist. */
const LOWEST = Object.entries(manifest.peerDependencies).map(
  ([name, range]) => `${name}@${range.replace("^", "")}`,
);
const NEWEST = Object.entries(manifest.peerDependencies).map(([name, range]) => `${name}@${range}`);

function peers(name: string, versions: readonly string[]): Consumer {
  return {
    name,
    run(createProject, report) {
      const project = createProject({});
      report(project.install(...versions, ...NODES.map(({ wanted }) => wanted)));
      for (const file of ["use.cjs", "use.mjs"]) project.add(`peers/${file}`, file);
      for (const { alias } of NODES) {
        const node = join(project.folder, "node_modules", alias, "bin", "node");
        project.run(node, "use.cjs");
        project.run(node, "use.mjs");
        report(`required and imported with Node ${project.run(node, "--version").trim()}`);
      }
    },
  };
}

/** The package with the oldest and the newest of its peers, without esbuild. */
export const PEERS = [peers("peers-lowest", LOWEST), peers("peers-newest", NEWEST)];
