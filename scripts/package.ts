import { resolve } from "node:path";
import { Command } from "commander";
import { packageService } from "./packages/package-service.ts";

const command = new Command("npm run package --")
  .description("Packs every function and the layer as a deploy would, without AWS, for guards and measurements")
  .argument("[directory]", "where the zip files go", ".serverless")
  .option("--stage <name>", "whose names and settings they have", "prod")
  .parse();
const { functions, directory } = await packageService(
  resolve(command.processedArgs[0] as string),
  command.opts<{ stage: string }>().stage,
);
console.log(`${functions.length} functions and the layer in ${directory}`);
