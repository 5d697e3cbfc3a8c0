import { canonicalJson } from "../../http/canonical-json.ts";
import type { BatchItem, SourceReader } from "../batch.ts";

/** The members of a DynamoDB Streams record that the layer reads. */
interface StreamRecord {
  readonly dynamodb?: { readonly SequenceNumber?: string; readonly Keys?: object };
}

/** A batch is of one shard, which is taken up again at the lowest failure. Changes of one item have an order. */
export const dynamodbStream: SourceReader = {
  source: "dynamodb",
  readItem(record: StreamRecord): BatchItem {
    const { SequenceNumber, Keys } = record.dynamodb ?? {};
    const keys = JSON.stringify(Keys ?? {});
    return {
      record,
      identifier: SequenceNumber as string,
      group: canonicalJson(keys) ?? keys,
      shard: "",
    };
  },
};
