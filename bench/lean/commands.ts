/** A command that keeps its operation, because a bundler changes the names of classes. */
const defineCommand = (operation: string) =>
  class {
    readonly operation = operation;
    readonly input: unknown;

    constructor(input: unknown) {
      this.input = input;
    }
  };

export const GetItemCommand = defineCommand("GetItem");
export const TransactWriteItemsCommand = defineCommand("TransactWriteItems");
export const UpdateItemCommand = defineCommand("UpdateItem");
