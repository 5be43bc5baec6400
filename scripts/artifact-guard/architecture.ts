/** The machines that Lambda has, as it calls them. */
export type Architecture = "arm64" | "x86_64";
