/**
 * How small and how large the embedded panel may become, in CSS px: the page's grips and the frame's keys agree.
 */
export const LIMITS = { width: [300, 640], height: [360, 1000] };
