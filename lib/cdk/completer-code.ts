import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";

/**
 * The code of the completer's function: the bundle that the package has. In the repository, where
 * nothing is built, it is bundled from the sources whenever a stack is synthesized.
 */
export function completerCode(): Code {
  const isPackage = import.meta.filename.endsWith(".js");
  return isPackage ? Code.fromAsset(fromHere("../../completer")) : bundledSources();
}

function bundledSources(): Code {
  return Code.fromAsset(fromHere("../completer"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK asks for an image. None is used: what follows either bundles or throws.
      image: DockerImage.fromRegistry("none"),
      local: {
        tryBundle(folder) {
          const program = fromHere("../../release/bundle-completer.ts");
          execFileSync(process.execPath, [program, folder], {
            stdio: ["ignore", "inherit", "inherit"],
          });
          return true;
        },
      },
    },
  });
}

function fromHere(path: string): string {
  return join(import.meta.dirname, path);
}
