export { type CreatedProject, type Creator, createProject } from "./create-project.ts";
export {
  describeProject,
  type ListedProject,
  listProjects,
  type ProjectPage,
  type ProjectPageRequest,
} from "./list-projects.ts";
export { type NewProject, newProject } from "./new-project.ts";
export { isProjectId, PROJECT_STATUSES, type Project, type ProjectFilter } from "./project.ts";
export { forgetProjects, getProject, type ProjectLookup, projectByPrefix } from "./project-lookup.ts";
export { type ReferencePointer, readReferencePointer } from "./project-store.ts";
