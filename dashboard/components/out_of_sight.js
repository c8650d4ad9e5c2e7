// Tells how long the tab was hidden, each time it is seen again. One document, so one beginning for all mounts.
let since = null;

export default function ({ setTriggerValue }) {
  const turned = () => {
    if (document.hidden) {
      since ??= Date.now();
    } else if (since !== null) {
      setTriggerValue("away", (Date.now() - since) / 1000);
      since = null;
    }
  };
  turned();
  document.addEventListener("visibilitychange", turned);
  return () => document.removeEventListener("visibilitychange", turned);
}
