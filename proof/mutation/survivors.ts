import type { Mutant } from "./report.ts";

/** Mutants of one file that no test kills, and the reason why they are harmless. */
interface Survivors {
  readonly file: string;
  readonly why: string;
  /** Lines, the code in them, and its harmless mutants, as the command prints them. */
  readonly changes: readonly (readonly [line: string, code: string, ...mutants: string[]])[];
}

/** Whether a survivor is known and harmless. */
export function isExplained({ file, sourceLine, code, mutant }: Mutant): boolean {
  return EXPLAINED.some(
    (known) =>
      known.file === file &&
      known.changes.some(
        ([line, its, ...mutants]) =>
          line === sourceLine && its === code && mutants.includes(mutant),
      ),
  );
}

const RETHROWN = "if (!(error instanceof SyntaxError)) throw error;";

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of code.
const LETTERS = "const letters = ` ${name.toLowerCase()} `;";

/** In the order of the files. */
const EXPLAINED: readonly Survivors[] = [
  {
    file: "lib/invocation/begin.ts",
    why: "The id of a request without a key is random: no other claim or record has it, and its fingerprint is never compared.",
    changes: [
      [
        '? claimed(undefined, keyedBy(tools.randomUUID()), "never", { ...profile, retention: NONE })',
        '"never"',
        '""',
      ],
      [
        'const execution = enterUnclaimed(tools, profile, { id, fingerprint: "", remainingMs });',
        '""',
        '"Stryker was here!"',
      ],
    ],
  },
  {
    file: "lib/invocation/commits.ts",
    why: "The default is for requests without a key, which have no claim to free.",
    changes: [
      ["hasEffectsElsewhere: () => boolean = () => false,", "() => false", "() => undefined"],
      ["hasEffectsElsewhere: () => boolean = () => false,", "false", "true"],
    ],
  },
  {
    file: "lib/invocation/commits.ts",
    why: "The comparison tells the compiler which states have a response: no other state has one.",
    changes: [
      [
        'return state.kind === "committed" || state.kind === "replaced" ? state.response : undefined;',
        'state.kind === "committed" || state.kind === "replaced"',
        "true",
      ],
    ],
  },
  {
    file: "lib/completer/complete-abandoned.ts",
    why: "DynamoDB's output of a query always has its items, and each item its key; the SDK's types do not say so.",
    changes: [
      ["yield (page.Items ?? []).flatMap(({ id }) => id?.S ?? []);", "[]", '["Stryker was here"]'],
      ["yield (page.Items ?? []).flatMap(({ id }) => id?.S ?? []);", "id?.S", "id.S"],
    ],
  },
  {
    file: "lib/dynamodb/aliases.ts",
    why: "Without the cache the same names result, only more slowly.",
    changes: [["known.set(text, names);", "known.set(text, names);", ";"]],
  },
  {
    file: "lib/dynamodb/stored-text.ts",
    why: "The ratio of a compression, and a compression in vain, cost only time and units.",
    changes: [
      [
        "const compressed = brotliCompressSync(text, {",
        "{ params: { // The best ratio at which a compression of 10 KB stays below a millisecond. [constants.…",
        "{}",
      ],
      [
        "params: {",
        "{ // The best ratio at which a compression of 10 KB stays below a millisecond. [constants.BROTLI_PAR…",
        "{}",
      ],
      ["if (units(bytes) === 1) return { S: text };", "units(bytes) === 1", "false"],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "A short cut: the general way gives the same form.",
    changes: [
      [
        String.raw`const PLAIN_TEXT = /"[^"\\\p{Cc}\p{Cs}]*/uy;`,
        String.raw`/"[^"\\\p{Cc}\p{Cs}]*/uy`,
        String.raw`/"[^"\\\p{Cc}\p{Cs}]/uy`,
        String.raw`/"[^"\\\p{Cc}\P{Cs}]*/uy`,
      ],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "No other error is thrown here.",
    changes: [
      [RETHROWN, "!(error instanceof SyntaxError)", "false"],
      [RETHROWN, "throw error;", ";"],
      ["} catch (error) {", "{ if (!(error instanceof SyntaxError)) throw error; }", "{}"],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "Behind the end of a text there is no character, and so no white space.",
    changes: [["for (; at < text.length; at += 1) {", "at < text.length", "at <= text.length"]],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "V8's sort keeps the order also where the later of two equal names is called the greater one.",
    changes: [
      ["if (one === other) return 0;", "one === other", "false"],
      ["return one < other ? -1 : 1;", "one < other", "one <= other"],
    ],
  },
  {
    file: "lib/memory.ts",
    why: "The comparison tells the compiler the type of the next reads: other records lack these attributes.",
    changes: [
      [
        'const before = old?.state === "CLAIMED" ? old : undefined;',
        'old?.state === "CLAIMED"',
        "true",
      ],
      ['old.state === "CLAIMED" &&', 'old.state === "CLAIMED"', "true"],
    ],
  },
  {
    file: "lib/protocol/commit.ts",
    why: "A claim that is not freed is released.",
    changes: [
      [
        'const settlement = interrupted === "refuse" && mayFree ? "free" : "release";',
        '"release"',
        '""',
      ],
    ],
  },
  {
    file: "lib/protocol/digest.ts",
    why: "Bytes are copied, and stay the same.",
    changes: [
      [
        'typeof part === "string" ? Buffer.from(part, isHalved ? "utf16le" : undefined) : part;',
        'typeof part === "string"',
        "true",
      ],
    ],
  },
  {
    file: "lib/protocol/recall.ts",
    why: "Any owner is right that no execution has.",
    changes: [
      [
        'const claimant = { owner: "", fingerprint: request.fingerprint };',
        '""',
        '"Stryker was here!"',
      ],
    ],
  },
  {
    file: "lib/checks/requirements.ts",
    why: "Names are compared without regard to case; either case serves.",
    changes: [[LETTERS, "name.toLowerCase()", "name.toUpperCase()"]],
  },
];
