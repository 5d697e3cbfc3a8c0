import manifest from "../package.json" with { type: "json" };

/** An entry point of the package. */
export interface EntryPoint {
  /** The path in `exports`: `./dynamodb`. */
  readonly path: string;
  /** The name that users import: `lambda-idempotency/dynamodb`. */
  readonly name: string;
  /** Its file in `lib/`, and in each format's folder in `dist/`, without an extension: `dynamodb/index`. */
  readonly file: string;
}

/** The entry points, which `exports` of package.json declares. */
export function entryPoints(): readonly EntryPoint[] {
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    if (typeof target === "string") return [];
    const file = target.import.default.replace(/^\.\/dist\/esm\/(.*)\.js$/, "$1");
    return { path, name: path.replace(".", manifest.name), file };
  });
}
