import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { checkDocumentPolicy, requireDocumentPolicy } from "../../../domain/governance/index.ts";
import { logDuring } from "../../support/captured-log.ts";
import { anyName } from "../../support/projects.ts";
import { callsDuring, clearFaults, directDynamodb, injectFault, realName } from "../../support/services.ts";

const POLICIES = realName("tables", "governance-policies");
const RECORDS = realName("tables", "agent-compliance-violations");
process.env.GOVERNANCE_POLICIES_TABLE = POLICIES;
process.env.AGENT_COMPLIANCE_TABLE = RECORDS;

const NOW = Date.UTC(2026, 0, 5, 10, 0, 0, 500);
const DAY = 86_400;
const ALLOWED = { operation: "documents_put", storage_target: "docstore_api" };
const DENIED = { operation: "documents_put", storage_target: "local_disk" };

// Each test has a policy and a project of its own.
beforeEach(() => {
  process.env.DOCUMENT_STORAGE_POLICY_ID = anyName();
});
afterEach(clearFaults);

function putPolicy(attributes: Record<string, unknown>) {
  const Item = { policy_id: process.env.DOCUMENT_STORAGE_POLICY_ID, ...attributes };
  return directDynamodb.send(new PutCommand({ TableName: POLICIES, Item }));
}

async function recordsBy(IndexName: string, key: string, value: string | undefined) {
  const { Items = [] } = await directDynamodb.send(
    new QueryCommand({
      TableName: RECORDS,
      IndexName,
      KeyConditionExpression: "#key = :value",
      ExpressionAttributeNames: { "#key": key },
      ExpressionAttributeValues: { ":value": value },
    }),
  );
  return Items;
}

/** What was recorded about the policy of this test, the earliest first. */
const records = () => recordsBy("policy-timestamp-index", "policy_id", process.env.DOCUMENT_STORAGE_POLICY_ID);

describe("the policy on where documents are stored", () => {
  it("is the default where no policy is written, which is no trouble", async () => {
    const { lines } = await logDuring(async () => {
      expect(await checkDocumentPolicy(DENIED, "", NOW)).toEqual({
        success: true,
        policy_id: process.env.DOCUMENT_STORAGE_POLICY_ID,
        policy_source: "default",
        policy_status: "active",
        enforcement_mode: "enforce",
        operation: "documents_put",
        storage_target: "local_disk",
        allowed_targets: ["bedrock_action", "docstore_api", "governance_s3", "mcp_validator"],
        decision: "denied",
        allowed: false,
        reasons: [expect.stringContaining("storage_target 'local_disk'")],
        checked_at: "2026-01-05T10:00:00Z",
      });
    });
    expect(lines).toEqual([]);
  });

  it("is the one that is written, from the next call on", async () => {
    expect(await checkDocumentPolicy(ALLOWED)).toMatchObject({ allowed: true, policy_source: "default" });
    await putPolicy({ allowed_targets: new Set(["Local_Disk"]), forbidden_path_prefixes: ["tmp/"] });
    const source = { policy_source: "dynamodb", allowed_targets: ["local_disk"] };
    expect(await checkDocumentPolicy(ALLOWED)).toMatchObject({ allowed: false, ...source });
    expect(await checkDocumentPolicy({ ...DENIED, path: "tmp/x" })).toMatchObject({ allowed: false, ...source });
    await putPolicy({ enforcement_mode: "monitor", allowed_targets: ["local_disk"] });
    expect(await checkDocumentPolicy(ALLOWED)).toMatchObject({
      allowed: true,
      reasons: [expect.any(String)],
      ...source,
    });
  });

  it("costs a read and a write", async () => {
    const calls = await callsDuring(() => checkDocumentPolicy(ALLOWED));
    expect(calls.map(({ operation }) => operation)).toEqual(["GetItem", "PutItem"]);
    expect(calls[0]?.request).toMatchObject({ ConsistentRead: true });
  });

  it("refuses by an error that holds the evaluation, and lets through by the evaluation", async () => {
    const refusal = requireDocumentPolicy({ ...DENIED, file_name: "a/b.md" }, "", NOW);
    await expect(refusal).rejects.toMatchObject({
      code: "POLICY_DENIED",
      message: expect.stringMatching(/^storage_target .*; file_name must be a name without folders$/),
      details: { success: true, decision: "denied", checked_at: "2026-01-05T10:00:00Z" },
    });
    expect(await requireDocumentPolicy(ALLOWED)).toMatchObject({ decision: "allowed" });
    expect((await records()).map(({ result }) => result).sort()).toEqual(["allowed", "denied"]);
  });
});

describe("what is recorded", () => {
  it("is each evaluation, with what the caller claims and whose credential it was", async () => {
    const project_id = anyName();
    const claims = { provider: " claude ", project_id, request_id: "REQ-1", dispatch_id: "DSP-1" };
    const { reasons } = await checkDocumentPolicy({ ...DENIED, ...claims }, "agent:claude", NOW);
    const [record, ...others] = await recordsBy("project-timestamp-index", "project_scope", project_id);
    expect(others).toEqual([]);
    expect(record).toEqual({
      violation_id: expect.stringMatching(/^CMP-[0-9A-F]{20}$/),
      policy_id: process.env.DOCUMENT_STORAGE_POLICY_ID,
      event_epoch: Math.floor(NOW / 1_000),
      event_time: "2026-01-05T10:00:00Z",
      result: "denied",
      provider: "claude",
      project_id,
      project_scope: project_id,
      coordination_request_id: "REQ-1",
      dispatch_id: "DSP-1",
      principal: "agent:claude",
      details: {
        operation: "documents_put",
        storage_target: "local_disk",
        decision: "denied",
        reasons,
        policy_source: "default",
        policy_status: "active",
        enforcement_mode: "enforce",
      },
      created_at: "2026-01-05T10:00:00Z",
      expires_at: Math.floor(NOW / 1_000) + 400 * DAY,
    });
    expect(await recordsBy("provider-timestamp-index", "provider", "claude")).toContainEqual(record);
  });

  it("has empty texts for what nobody has named, and is kept for a shorter time where nothing was denied", async () => {
    await checkDocumentPolicy(
      { ...ALLOWED, provider: " ", coordination_request_id: "REQ-2", request_id: "REQ-3" },
      "",
      NOW,
    );
    expect(await records()).toEqual([
      expect.objectContaining({
        result: "allowed",
        provider: "unknown",
        project_id: "",
        coordination_request_id: "REQ-2",
        dispatch_id: "",
        expires_at: Math.floor(NOW / 1_000) + 90 * DAY,
      }),
    ]);
  });

  it("cannot be kept away by claims that no row or index takes", async () => {
    const long = "x".repeat(500_000);
    await checkDocumentPolicy({ ...ALLOWED, provider: long, project_id: long, path: `/${long}`, dispatch_id: long });
    expect(await records()).toEqual([expect.objectContaining({ project_id: "x".repeat(128), result: "denied" })]);
  });

  it("is one row where the answer to the write is lost and the client writes again", async () => {
    await injectFault({ service: "dynamodb", operation: "PutItem", dropAnswer: true });
    await checkDocumentPolicy(ALLOWED);
    expect(await records()).toHaveLength(1);
  });
});

describe("trouble with the tables", () => {
  it("of policies: the default counts, and it is told and counted", async () => {
    await putPolicy({ enforcement_mode: "monitor" });
    await injectFault({ service: "dynamodb", operation: "GetItem", error: "AccessDeniedException" });
    const { lines } = await logDuring(async () => {
      expect(await checkDocumentPolicy(DENIED)).toMatchObject({ allowed: false, policy_source: "default" });
    });
    expect(lines).toMatchObject([
      { level: "ERROR", message: "document_policy_unreadable", reason: "AccessDeniedException" },
      { document_policy_unreadable: 1, reason: "AccessDeniedException" },
    ]);
    expect(await records()).toHaveLength(1);
  });

  it("of records: the decision stands, either way, and it is told and counted", async () => {
    await injectFault({ service: "dynamodb", operation: "PutItem", error: "AccessDeniedException", times: 2 });
    const { lines } = await logDuring(async () => {
      expect(await checkDocumentPolicy(ALLOWED)).toMatchObject({ allowed: true });
      await expect(requireDocumentPolicy(DENIED)).rejects.toMatchObject({ code: "POLICY_DENIED" });
    });
    const told = lines.filter(({ message }) => message === "document_policy_not_recorded");
    expect(told).toHaveLength(2);
    expect(lines.filter(({ document_policy_not_recorded }) => document_policy_not_recorded)).toHaveLength(2);
    expect(await records()).toEqual([]);
  });

  it.each(["GetItem", "PutItem"])(
    "that do not answer a %s: the call that is judged does not wait for long",
    async (operation) => {
      await injectFault({ service: "dynamodb", operation, delayMs: 8_000 });
      const startedAt = performance.now();
      expect(await checkDocumentPolicy(DENIED)).toMatchObject({ allowed: false, policy_source: "default" });
      expect(performance.now() - startedAt).toBeLessThan(7_000);
    },
  );
});

it("a row of the records has nothing but what was meant to be in it", async () => {
  await checkDocumentPolicy(ALLOWED);
  const [{ violation_id } = {}] = await records();
  const { Item } = await directDynamodb.send(new GetCommand({ TableName: RECORDS, Key: { violation_id } }));
  expect(Item).not.toHaveProperty("project_scope");
});
