import type { Asked } from "./asked.ts";
import { judgeDependency, judgeEdgeField } from "./judge-edges.ts";
import { judgeClaim, judgeLease } from "./judge-leases.ts";
import { judgeRead } from "./judge-reads.ts";
import { judgeCreate, judgeRecordChange } from "./judge-records.ts";
import type { Picture } from "./picture.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What the model says of a request: what has to be answered, and what the project is like afterwards.
 * @param inOrder whether the container that answers knows of everything that was written
 */
export function judge(picture: Picture, asked: Asked, inOrder: boolean): Verdict {
  switch (asked.what) {
    case "create":
      return judgeCreate(picture, asked);
    case "checkout":
    case "heartbeat":
    case "release":
      return judgeLease(picture, asked);
    case "claim":
      return judgeClaim(picture, asked, inOrder);
    case "edges":
      return judgeEdgeField(picture, asked);
    case "depend":
    case "undepend":
      return judgeDependency(picture, asked);
    case "read":
    case "explain":
    case "history":
    case "list":
    case "ready":
      return judgeRead(picture, asked);
    default:
      return judgeRecordChange(picture, asked);
  }
}
