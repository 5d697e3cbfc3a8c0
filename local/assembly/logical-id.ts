/**
 * Whether a name means this logical id: in full, or without the eight hexadecimal digits that CDK
 * appends and that a caller cannot know.
 */
export function isNamed(logicalId: string, name: string): boolean {
  return logicalId === name || logicalId.replace(/[0-9A-F]{8}$/, "") === name;
}
