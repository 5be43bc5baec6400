export { checkDocumentPolicy, type Evaluation, requireDocumentPolicy } from "./check-document-policy.ts";
export { type DocumentPolicyRequest, documentPolicyRequest } from "./request.ts";
