-- Which template an automation has sent: another one of the same automation is still to be sent for a stay that was moved.
ALTER TABLE automation_runs ADD COLUMN template_id TEXT;
