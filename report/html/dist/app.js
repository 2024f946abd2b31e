document.getElementById("lt-timeline").textContent = "The timeline is not built into this copy of looptrace.";
