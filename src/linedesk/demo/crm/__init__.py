"""The simulated CRM site: pages with Freshdesk's addresses, the start page and the control page."""
