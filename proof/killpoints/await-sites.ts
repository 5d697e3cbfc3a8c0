import ts from "typescript";

/** An `await` in a source file; the process can die before it and after it. */
export interface AwaitSite {
  /** File, line and column. */
  readonly id: string;
  /** The line on which it stands. */
  readonly line: string;
}

/** Finds every `await` and `for await` of a file, and rewrites it so that it reports to `hits.ts`. */
export function reportAwaits(
  file: string,
  source: string,
): { readonly sites: readonly AwaitSite[]; readonly code: string } {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const sites: AwaitSite[] = [];
  const insertions: { readonly at: number; readonly text: string }[] = [];

  function visit(node: ts.Node): void {
    if (ts.isAwaitExpression(node)) report(node, node.expression, "awaited");
    if (ts.isForOfStatement(node) && node.awaitModifier) report(node, node.expression, "iterated");
    ts.forEachChild(node, visit);
  }

  function report(node: ts.Node, operand: ts.Expression, how: "awaited" | "iterated"): void {
    const { line, character } = tree.getLineAndCharacterOfPosition(node.getStart());
    const id = `${file}:${line + 1}:${character + 1}`;
    sites.push({ id, line: source.split("\n")[line]?.trim() ?? "" });
    const reporter = `globalThis.killPoints`;
    // Evaluated before the operand, so that the awaited call has not begun.
    const before = `${reporter}.${how}(${reporter}.before(${JSON.stringify(id)}), `;
    insertions.push({ at: operand.getStart(), text: before }, { at: operand.getEnd(), text: ")" });
  }

  visit(tree);
  let code = source;
  for (const { at, text } of insertions.sort((one, other) => other.at - one.at)) {
    code = code.slice(0, at) + text + code.slice(at);
  }
  return { sites, code };
}
