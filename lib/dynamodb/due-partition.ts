/*
 * The values of the attribute `function`, which is the partition key of the index `due`. DynamoDB
 * writes at most 1,000 units a second to one partition, so the claims of one function are spread.
 *
 *     payouts#0 … payouts#7   claims that may be abandoned
 *     payouts#unknown         outcomes that were given up
 *     payouts#stuck           begun requests that no completer tries any more
 *     create-payout           claims of version 1, under the name of the Lambda function
 *
 * The value ends in a number or in a word, so that no name makes two of them equal. The name of a
 * Lambda function has no "#".
 */

/** Must never shrink: claims in the shards above would not be found. */
const SHARDS = 8;

/** The partition of a claim that may be abandoned. */
export function duePartition(name: string, recordId: string): string {
  // A record's id is a digest, so its first character is as good as any hash of it.
  return `${name}#${recordId.charCodeAt(0) % SHARDS || 0}`;
}

/**
 * All partitions in which claims of a function may be due.
 *
 * @param functionName the name of the Lambda function, under which version 1 wrote its claims.
 */
export function duePartitions(name: string, functionName: string): readonly string[] {
  const shards = Array.from({ length: SHARDS }, (_, shard) => `${name}#${shard}`);
  return [...shards, functionName];
}

/** What is set aside in the index: for operators, and for no completer. */
export type SetAside = "unknown" | "stuck";

/** The partition from which operators list the records of a function that were set aside. */
export function setAsidePartition(name: string, as: SetAside): string {
  return `${name}#${as}`;
}

/** Whether a partition holds records that no completer touches. */
export function isSetAside(partition: string): boolean {
  return /#(unknown|stuck)$/.test(partition);
}
