/** The region that all local resources claim. */
export const REGION = "us-east-1";

/** The account that all local resources claim. */
export const ACCOUNT_ID = "000000000000";

/** Values of CloudFormation's pseudo parameters. */
export function pseudoParameters(stackName: string): Record<string, string> {
  return {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/${stackName}/local`,
    "AWS::StackName": stackName,
    "AWS::URLSuffix": "amazonaws.com",
  };
}
