import { type AuthContext, projectsVisibleTo, type VisibleProjects } from "@enceladus/shared/auth-context";

/** Who reads or writes documents, as the credential says. */
export interface DocumentWriter {
  /** What documents show: `created_by`, `updated_by`. */
  label: string;
  /** What the history keeps. */
  principal: string;
  /** Documents of other projects do not exist for this one. */
  visible: VisibleProjects;
  /** Whether it may give reserved keywords. */
  isTrusted: boolean;
}

const UNKNOWN = "unknown";

/** Who makes a call: a person by the mail address, an agent by its name, a trusted service as `internal-key`. */
export function documentWriter(caller: AuthContext): DocumentWriter {
  const email = caller.mode === "cognito" ? caller.email?.trim() : undefined;
  return {
    label: email || caller.sub || UNKNOWN,
    principal: caller.sub || UNKNOWN,
    visible: projectsVisibleTo(caller),
    isTrusted: caller.mode === "internal-key",
  };
}

/** The synchronisation with files that are authoritative elsewhere. */
export const SYNC_WRITER: DocumentWriter = {
  label: "document-api-sync",
  principal: "document-api-sync",
  visible: "all",
  isTrusted: true,
};
