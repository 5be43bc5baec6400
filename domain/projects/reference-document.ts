/**
 * What a project's reference document begins as. It ships with the code: creating a project asks nobody on the network.
 */
const TEMPLATE = `# $PROJECT: reference document

This document is what people and agents read before they work on $PROJECT. Keep it current; each change gets a row in
the update log.

## 1. Executive summary

What $PROJECT is, for whom, and why it exists. Three sentences.

## 2. Overview

- Purpose:
- Users:
- Status and next milestone:

## 3. Architecture

The parts of $PROJECT, what each is responsible for, and how they talk to each other.

## 4. Conventions

How work on $PROJECT is done: branches, reviews, tests, releases.

## 5. Update log

| Time | Change |
| --- | --- |
| $CREATED_AT | Created the reference document of $PROJECT |
`;

/**
 * The first text of a project's reference document, Markdown.
 * @param projectId
 * @param createdAt a timestamp of the API
 */
export function referenceDocument(projectId: string, createdAt: string): string {
  return TEMPLATE.replaceAll("$PROJECT", () => projectId).replaceAll("$CREATED_AT", () => createdAt);
}

/** Where reference documents lie: the bucket and the key prefix. */
export interface ReferenceShelf {
  bucket: string;
  prefix: string;
}

/**
 * The tracker's row of a project's reference document: the pointer by which documents and document preparation find
 * it. Rows of this type belong to no person's work, so they carry no write source.
 */
export function referenceRow(projectId: string, createdAt: string, shelf: ReferenceShelf) {
  return {
    project_id: projectId,
    record_id: `reference#${projectId}`,
    record_type: "reference",
    item_id: projectId,
    title: `${projectId} reference document`,
    status: "active",
    s3_key: `${shelf.prefix}/${projectId}.md`,
    s3_bucket: shelf.bucket,
    sync_version: 1,
    created_at: createdAt,
    updated_at: createdAt,
  };
}

export type ReferenceRow = ReturnType<typeof referenceRow>;
