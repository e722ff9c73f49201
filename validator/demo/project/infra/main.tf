# Corner Shop's production, reduced to what an app release needs to know of it. Only the built-in `terraform_data` is used,
# so that `terraform init` downloads nothing.

terraform {
  required_version = ">= 1.4"
}

variable "environment" {
  description = "Which copy of the shop this is."
  type        = string
  default     = "production"
}

variable "api_url" {
  description = "Where the API answers, as the app has to call it."
  type        = string

  validation {
    condition     = can(regex("^https?://", var.api_url))
    error_message = "api_url is an http or https address."
  }
}

variable "revision" {
  description = "The commit that is deployed."
  type        = string
}

resource "terraform_data" "api" {
  input = {
    url      = var.api_url
    revision = var.revision
  }
}

resource "terraform_data" "cdn" {
  # Pictures are published anew with every release of the API.
  triggers_replace = terraform_data.api.output.revision
  input            = "${terraform_data.api.output.url}/static"
}

output "environment" {
  description = "Which copy of the shop this is."
  value       = var.environment
}

output "api_url" {
  description = "Baked into the app at build time."
  value       = terraform_data.api.output.url
}

output "cdn_url" {
  description = "Where product pictures are."
  value       = terraform_data.cdn.output
}

output "revision" {
  description = "The commit that is deployed."
  value       = terraform_data.api.output.revision
}

output "health_url" {
  description = "For readiness probes."
  value       = "${terraform_data.api.output.url}/health"
}
