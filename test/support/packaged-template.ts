import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageService } from "../../scripts/packages/package-service.ts";

/** A resource of a packaged template. */
export interface Resource {
  Type: string;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  DependsOn?: string | string[];
  Properties?: unknown;
}

/** The template that a deploy would send to CloudFormation. */
export class PackagedTemplate {
  readonly text: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, unknown>>;

  private constructor(text: string) {
    const { Resources, Outputs } = JSON.parse(text) as {
      Resources: Record<string, Resource>;
      Outputs: Record<string, unknown>;
    };
    this.text = text;
    this.resources = Resources;
    this.outputs = Outputs;
  }

  /** Packs the service without AWS; of the production stage it takes what a whole test run has packed already. */
  static async of(stage: string): Promise<PackagedTemplate> {
    const packed = process.env.ENCELADUS_PACKAGES;
    if (packed && stage === "prod") return PackagedTemplate.in(packed);
    const directory = mkdtempSync(join(tmpdir(), "enceladus-template-"));
    try {
      await packageService(directory, stage);
      return PackagedTemplate.in(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  private static in(directory: string): PackagedTemplate {
    return new PackagedTemplate(readFileSync(join(directory, "cloudformation-template-update-stack.json"), "utf8"));
  }

  /** The part of a resource's properties that a path leads to, `A.B.0`; undefined where it leads nowhere. */
  property(id: string, path = ""): unknown {
    return path
      .split(".")
      .filter(Boolean)
      .reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], this.resources[id]?.Properties);
  }

  /** Logical ids of the resources of a type. */
  idsOf(type: string): string[] {
    return Object.entries(this.resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id]) => id);
  }
}
