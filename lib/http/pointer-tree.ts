/** JSON pointers (RFC 6901) as a tree, which compares each name once for any number of pointers. */
export interface PointerTree {
  /** Whether a pointer ends here. */
  readonly isEnd: boolean;
  readonly children: ReadonlyMap<string, PointerTree>;
  /** Whether each child may be an element of an array: their names are numbers from 0. */
  readonly isIndexed: boolean;
}

/** Whether a value is a JSON pointer to a member: not the empty pointer, which is the whole document. */
export function isPointer(value: unknown): value is string {
  return typeof value === "string" && /^(\/([^~/]|~[01])*)+$/.test(value);
}

export function pointerTree(pointers: readonly string[]): PointerTree {
  return branch(pointers.map(pointerNames));
}

/** The names that a JSON pointer leads through. */
export function pointerNames(pointer: string): readonly string[] {
  const names = pointer.split("/").slice(1);
  return names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function branch(paths: readonly (readonly string[])[]): PointerTree {
  const below = new Map<string, (readonly string[])[]>();
  for (const [name, ...rest] of paths) {
    if (name !== undefined) below.set(name, [...(below.get(name) ?? []), rest]);
  }
  return {
    isEnd: paths.some((path) => path.length === 0),
    children: new Map([...below].map(([name, rest]) => [name, branch(rest)])),
    isIndexed: [...below.keys()].every((name) => /^(0|[1-9]\d*)$/.test(name)),
  };
}

/** The members of a body that count: the members at the pointers, or all others. */
export interface Selection {
  readonly how: "include" | "exclude";
  readonly tree: PointerTree;
}

/**
 * The decision about a member below a branch of the tree: the member counts whole, it does not count,
 * or the returned branch decides about its own members.
 */
export function selectMember(
  { how, tree }: Selection,
  name: string,
): "counts" | "dropped" | Selection {
  const child = tree.children.get(name);
  if (child === undefined) return how === "include" ? "dropped" : "counts";
  if (child.isEnd) return how === "include" ? "counts" : "dropped";
  return { how, tree: child };
}
