export {
  checkDocumentPolicy,
  type DocumentPolicyRequest,
  documentPolicyRequest,
  type Evaluation,
  requireDocumentPolicy,
} from "./document-policy/index.ts";
