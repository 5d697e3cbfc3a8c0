const BLOCK = /(<!-- table: (.*?) -->\n)(.*?)(<!-- end -->)/gs;

/** Generated texts by their names: `bench` for the lines about a run, `bench ratios` for its table. */
export type Blocks = ReadonlyMap<string, string>;

/**
 * The page with each text between `<!-- table: NAME -->` and `<!-- end -->` replaced by the block of
 * this name.
 */
export function fillPage(page: string, blocks: Blocks): string {
  return page.replaceAll(BLOCK, (_, start: string, name: string, __, end: string) => {
    const block = blocks.get(name);
    if (block === undefined) {
      const known = [...blocks.keys()].join(", ");
      throw new Error(`No results have a table "${name}". Known: ${known}.`);
    }
    return `${start}\n${block}\n\n${end}`;
  });
}

/** The names of the blocks whose text in the page is not the generated one. */
export function listStale(page: string, blocks: Blocks): string[] {
  const filled = listBlocks(fillPage(page, blocks));
  return listBlocks(page)
    .filter(({ text }, index) => text !== filled[index]?.text)
    .map(({ name }) => name);
}

/** The heads of tables that stand outside of every block, so that nothing checks their figures. */
export function listLooseTables(page: string): string[] {
  return [...page.replaceAll(BLOCK, "").matchAll(/^(\|.*)\n\|[ :|-]+\|$/gm)].map(
    ([, head = ""]) => head,
  );
}

function listBlocks(page: string): { name: string; text: string }[] {
  return [...page.matchAll(BLOCK)].map(([, , name = "", text = ""]) => ({ name, text }));
}
