import { describe, expect, test } from "@jest/globals";
import { parseMultipart } from "../../lib/http/multipart.ts";

const BODY = [
  "--b",
  'Content-Disposition: form-data; name="Idem"',
  "",
  "u-1",
  "--b",
  'content-type: text/plain\r\nContent-Disposition: form-data; name=file; filename="a.txt"',
  "",
  "two\r\nlines -- of text",
  "--b--",
  "",
].join("\r\n");

const parse = (body: string, boundary: string | undefined = "b") =>
  parseMultipart(Buffer.from(body), boundary)?.map(({ content, ...part }) => ({
    ...part,
    content: Buffer.from(content).toString(),
  }));

/** A body with one part. */
const withPart = (headers: string, content = "c") => `--b\r\n${headers}\r\n\r\n${content}\r\n--b--`;

describe("a multipart body", () => {
  test("is read into its parts", () => {
    expect(parse(BODY)).toMatchObject([
      { name: "Idem", isFile: false, isEncoded: false, content: "u-1" },
      { name: "file", isFile: true, isEncoded: false, content: "two\r\nlines -- of text" },
    ]);
  });

  test("is the same with text before its first and after its last boundary", () => {
    expect(parse(`preamble\r\n${BODY}epilogue`)).toEqual(parse(BODY));
    expect(parse("--b--")).toEqual([]);
  });

  test("may have parts that are empty, or have no headers", () => {
    expect(parse(withPart('Content-Disposition: form-data; name="a"', ""))).toMatchObject([
      { name: "a", content: "" },
    ]);
    expect(parse("--b\r\n\r\nc\r\n--b--")).toMatchObject([{ name: undefined, content: "c" }]);
  });

  test("is the same with its headers in another order and spelling", () => {
    const [one] = parse(withPart("A: 1\r\nB:2\r\nContent-Disposition: form-data; name=a")) ?? [];
    const [two] =
      parse(
        withPart('b: 2\r\ncontent-disposition: Form-Data;name="a"\r\na:1\r\nContent-Length: 1'),
      ) ?? [];
    expect(two?.headers).toBe(one?.headers);
    const [other] = parse(withPart("A: 1\r\nB: 3\r\nContent-Disposition: form-data; name=a")) ?? [];
    expect(other?.headers).not.toBe(one?.headers);
  });

  test("marks the parts that some parsers would decode", () => {
    const encoded = (name: string) =>
      parse(
        withPart(`Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: ${name}`),
      );
    expect(encoded("base64")).toMatchObject([{ isEncoded: true }]);
    expect(encoded("8BIT")).toMatchObject([{ isEncoded: false }]);
  });

  test.each<[string, string, string?]>([
    ["no boundary in it", "text"],
    ["an end without its boundary", BODY.replace("--b--\r\n", "")],
    ["an end that is cut off", BODY.replace("--b--\r\n", "--b-")],
    ["lines that end with LF alone", BODY.replaceAll("\r\n", "\n")],
    ["its boundary within a line", BODY.replace("two", "two --b")],
    ["its boundary within the preamble", `x --b\r\n${BODY}`],
    ["its boundary behind the end", `${BODY}--b\r\n`],
    ["a boundary that begins like its own", BODY.replace("two", "\r\n--bb\r\ntwo")],
    ["blanks behind a boundary", BODY.replace("--b\r\n", "--b \r\n")],
    ["text behind the last boundary", BODY.replace("--b--", "--b--x")],
    ["two boundaries in a row", "--b\r\n--b--"],
    ["a part without an empty line", "--b\r\nContent-Disposition: form-data\r\n--b--"],
    ["a folded header", withPart("Content-Disposition: form-data;\r\n name=a")],
    [
      "a header twice",
      withPart("Content-Disposition: form-data; name=a\r\ncontent-disposition: x; name=b"),
    ],
    ["a line that is no header", withPart("name=a")],
    ["a blank in front of the colon", withPart("Content-Disposition : form-data; name=a")],
    [
      "a control character in a header",
      withPart("Content-Disposition: form-data; name=a\r\nA: \0"),
    ],
    ["two names", withPart("Content-Disposition: form-data; name=a; name=b")],
    ["an escaped name", withPart('Content-Disposition: form-data; name="I\\dem"')],
    ["an extended name", withPart("Content-Disposition: form-data; name*=utf-8''a")],
    ["a name that does not end", withPart('Content-Disposition: form-data; name="a')],
    ["headers longer than any", withPart(`A: ${"a".repeat(20_000)}`)],
    [
      "a boundary longer than RFC 2046 allows",
      BODY.replaceAll("--b", `--${"b".repeat(71)}`),
      "b".repeat(71),
    ],
    ["an empty boundary", BODY.replaceAll("--b", "--"), ""],
    ["a boundary with a line end", BODY, "b\r\n"],
  ])("is not read with %s, because parsers disagree about it", (_name, body, boundary = "b") => {
    expect(parse(body, boundary)).toBeUndefined();
  });

  test("is not read without a boundary", () => {
    expect(parseMultipart(Buffer.from(BODY), undefined)).toBeUndefined();
  });
});
