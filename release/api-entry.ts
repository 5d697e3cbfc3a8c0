/** The `exports` of package.json, as far as they hold types. Both formats have the same. */
export type Exports = Readonly<
  Record<string, string | { readonly import: { readonly types: string } }>
>;

/**
 * A module with one namespace for each entry point of the package. One report of it has every
 * declaration once, and lists the names that each entry point exports.
 *
 * @param root The path from the module to the package.
 */
export function apiEntry(exports: Exports, root: string): string {
  return Object.entries(exports)
    .flatMap(([path, target]) =>
      typeof target === "string"
        ? []
        : [
            `export * as ${namespaceName(path)} from ${JSON.stringify(
              `${root}/${target.import.types.replace(/^\.\//, "").replace(/\.d\.ts$/, ".js")}`,
            )};\n`,
          ],
    )
    .join("");
}

/** `root` for ".", and `middy` for "./middy". */
export function namespaceName(path: string): string {
  return path === "." ? "root" : path.replace(/^\.\//, "").replaceAll(/\W/g, "_");
}
