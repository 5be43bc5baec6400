export { type Followed, followDocument } from "./follow-documents.ts";
export { dropFromIndex, type Indexed, type IndexedDocument, indexDocument } from "./index-document.ts";
export { type Reindexed, reindexProject } from "./reindex.ts";
export { type MatchedWord, searchText, type TextMatch, type TextMatches, type TextSearch } from "./search-text.ts";
