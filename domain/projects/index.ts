export type { Project } from "./project.ts";
export { forgetProjects, getProject, type ProjectLookup, projectByPrefix } from "./project-lookup.ts";
