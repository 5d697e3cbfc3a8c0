/**
 * DynamoDB's prices of on-demand capacity, in US dollars.
 *
 * @see https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export const PRICES = {
  asOf: "2026-11-22",
  region: "us-east-1",
  dollarsPerMillionWriteUnits: 0.625,
  dollarsPerMillionReadUnits: 0.125,
} as const;
