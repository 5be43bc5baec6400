export { forgetReferences } from "./reference-store.ts";
export { type ReferenceSearch, type ReferenceSearchResult, searchReference } from "./search-reference.ts";
