import { UserError } from "../api/user-error.ts";
import type { Narrator } from "./narrator.ts";
import type { DemoPipeline, DemoSpec } from "./pipeline.ts";

/** What the steps work with. */
export interface Demo {
  pipeline: DemoPipeline;
  narrator: Narrator;
  /** The task that the deployments are about. */
  task: string;
}

/** A demo that shows something else than it says is worse than none. */
function expect(holds: boolean, what: string): void {
  if (!holds) throw new UserError(`The demo expected that ${what}; it was otherwise.`);
}

const from = ({ previous_version, resolved_version }: DemoSpec) => `${previous_version} -> ${resolved_version}`;

/** Two requests within the delay are one deployment. */
async function together({ pipeline, narrator, task }: Demo): Promise<void> {
  narrator.step("Two requests, one deployment");
  const first = await pipeline.submit({ change_type: "patch", summary: "Fix the footer", related_record_ids: [task] });
  narrator.tell(`submitted ${first.id} (patch): ${first.message}`);
  const second = await pipeline.submit({ change_type: "minor", summary: "New start page", related_record_ids: [task] });
  narrator.tell(`submitted ${second.id} (minor)`);
  const spec = await pipeline.untilIncluded(second.id);
  narrator.tell(
    `orchestrated: ${spec.spec_id} includes ${spec.included_request_ids.length}, version ${from(spec)}; build started`,
  );
  expect(spec.included_request_ids.length === 2, "both requests are in one spec");
  const over = await pipeline.untilOver(spec.spec_id);
  narrator.tell(`build SUCCEEDED, finalized: ${over.status} v${over.resolved_version}`);
  expect(over.status === "deployed" && over.resolved_version === "1.5.0", "1.5.0 is deployed");
  const [log] = await pipeline.untilLogged(task, 1);
  narrator.tell(`worklog of ${task}: ${log}`);
}

/** What comes during a build waits, and goes on by itself. */
async function oneAfterTheOther({ pipeline, narrator }: Demo): Promise<void> {
  narrator.step("A request while a build runs");
  await pipeline.tellBuilder({ afterMs: 5_000 });
  const first = await pipeline.submit({ change_type: "patch", summary: "Quicker images" });
  const spec = await pipeline.untilIncluded(first.id);
  narrator.tell(`${spec.spec_id} is building v${spec.resolved_version} (5 s)`);
  const late = await pipeline.submit({ change_type: "major", summary: "New sign-in" });
  narrator.tell(`submitted ${late.id} (major) meanwhile: it waits`);
  const over = await pipeline.untilOver(spec.spec_id);
  narrator.tell(`${over.spec_id}: ${over.status} v${over.resolved_version}; what waits is triggered`);
  const next = await pipeline.untilIncluded(late.id);
  narrator.tell(`${next.spec_id}: version ${from(next)}`);
  expect(next.resolved_version === "2.0.0", "the major change makes 2.0.0");
  expect((await pipeline.untilOver(next.spec_id)).status === "deployed", "it is deployed");
  narrator.tell(`deployed v${next.resolved_version}`);
}

/** A build that fails gives its requests back. */
async function failure({ pipeline, narrator }: Demo): Promise<void> {
  narrator.step("A build that fails");
  await pipeline.tellBuilder({ status: "FAILED", afterMs: 1_500 });
  const { id } = await pipeline.submit({ change_type: "patch", summary: "Broken, then not" });
  const spec = await pipeline.untilIncluded(id);
  const over = await pipeline.untilOver(spec.spec_id);
  narrator.tell(`${over.spec_id}: ${over.status}: ${over.error_message}`);
  const pending = await pipeline.pendingIds();
  narrator.tell(`pending again: ${pending.join(", ")}`);
  expect(over.status === "failed" && pending.includes(id), "the request is pending again");
  await pipeline.trigger();
  const next = await pipeline.untilIncluded(id, spec.spec_id);
  const second = await pipeline.untilOver(next.spec_id);
  narrator.tell(
    `triggered: ${second.spec_id}: ${second.status} v${second.resolved_version}, the same version once more`,
  );
  expect(second.status === "deployed" && second.resolved_version === spec.resolved_version, "no version is left out");
}

/** An end that nobody was told of is found; one that is told twice counts once. */
async function lostAndDoubled({ pipeline, narrator }: Demo): Promise<void> {
  narrator.step("The event of a build's end is lost, and another comes twice");
  await pipeline.tellBuilder({ afterMs: 500, event: "lost" });
  const lost = await pipeline.submit({ change_type: "patch", summary: "Nobody tells of it" });
  const spec = await pipeline.untilIncluded(lost.id);
  narrator.tell(
    `${spec.spec_id}: ${spec.status}; its event will not come. The schedule looks every 15 minutes; here at once`,
  );
  let over = spec;
  while (over.status === "building") {
    await pipeline.reconcile();
    over = await pipeline.spec(spec.spec_id);
  }
  narrator.tell(`asked the builder: ${over.status} v${over.resolved_version}`);
  const before = (await pipeline.history()).length;
  await pipeline.tellBuilder({ afterMs: 500, event: "twice" });
  const twice = await pipeline.submit({ change_type: "patch", summary: "Told twice" });
  const second = await pipeline.untilOver((await pipeline.untilIncluded(twice.id)).spec_id);
  const after = (await pipeline.history()).length;
  narrator.tell(
    `${second.spec_id}: ${second.status} v${second.resolved_version}, told twice, deployed ${after - before} time`,
  );
  expect(after === before + 1, "it is deployed once");
}

/** A project that is paused gathers requests. */
async function pause({ pipeline, narrator }: Demo): Promise<void> {
  narrator.step("A pause");
  await pipeline.setState("PAUSED", "The shop is open");
  const { id, message } = await pipeline.submit({ change_type: "patch", summary: "After closing time" });
  narrator.tell(`submitted ${id}: ${message}`);
  narrator.tell(await pipeline.setState("ACTIVE"));
  const over = await pipeline.untilOver((await pipeline.untilIncluded(id)).spec_id);
  narrator.tell(`${over.spec_id}: ${over.status} v${over.resolved_version}`);
  expect(over.status === "deployed", "it is deployed once the project is active");
}

/** What came of all of it. */
async function history({ pipeline, narrator }: Demo): Promise<void> {
  narrator.step("The history, the latest first");
  const deployments = await pipeline.history();
  for (const { deploy_id, version, change_type, release_summary } of deployments) {
    narrator.tell(`${deploy_id}  v${version.padEnd(6)} ${change_type.padEnd(5)}  ${release_summary}`);
  }
  const versions = deployments.map(({ version }) => version);
  expect(versions.join(" ") === "2.0.4 2.0.3 2.0.2 2.0.1 2.0.0 1.5.1 1.5.0", "each version follows the one before it");
}

/** The steps of the demo, in their order. */
export const STEPS: readonly ((demo: Demo) => Promise<void>)[] = [
  together,
  oneAfterTheOther,
  failure,
  lostAndDoubled,
  pause,
  history,
];
