/** A command, of which the operation is kept where a bundler changes the names of classes. */
const commandOf = (operation: string) =>
  class {
    readonly operation = operation;
    readonly input: unknown;

    constructor(input: unknown) {
      this.input = input;
    }
  };

export const GetItemCommand = commandOf("GetItem");
export const TransactWriteItemsCommand = commandOf("TransactWriteItems");
export const UpdateItemCommand = commandOf("UpdateItem");
