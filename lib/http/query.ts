/**
 * Pairs of a query string or a form, decoded; or the text itself where decoding would lose a
 * difference (bytes that are no UTF-8 all become the same replacement character).
 */
export function parsePairs(text: string): readonly (readonly [string, string])[] | string {
  // The "&" keeps a leading "?" from being dropped.
  const pairs = [...new URLSearchParams(`&${text}`)];
  return pairs.flat().some((part) => part.includes("\uFFFD")) ? text : pairs;
}
